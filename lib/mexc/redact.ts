const HIDDEN = '[hidden]';
const MAX_LENGTH = 200;

/** Control and formatting characters: they could forge log lines or reverse the reading direction. */
const INVISIBLE = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;
/** A signature, a listen key, or anything that looks like one. */
const SIGNATURE_LIKE = /[0-9a-f]{64,}/giu;
const SIGNATURE_PARAMETER = /(signature=)[^&\s"'<>]+/giu;

/**
 * A text of the exchange's made fit for errors and logs: no control characters, no secrets, at most 200 characters.
 * @param secrets texts that must not appear, e.g. the access key
 */
export const redact = (text: string, secrets: readonly string[]): string => {
  let clean = text.replace(INVISIBLE, '');
  for (const secret of secrets) if (secret !== '') clean = clean.replaceAll(secret, HIDDEN);
  clean = clean.replace(SIGNATURE_PARAMETER, `$1${HIDDEN}`).replace(SIGNATURE_LIKE, HIDDEN);
  return [...clean].slice(0, MAX_LENGTH).join(''); // masked before it is cut: half a key is a leak too
};
