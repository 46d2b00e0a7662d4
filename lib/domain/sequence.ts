/**
 * What is odd about an alert's sequence number, in words for the owner; `undefined`: it is the next one, or the first.
 * Alerts are carried out all the same: deliveries come late and out of order.
 * @param last highest number that the strategy's alerts have had
 */
export const oddSequence = (sequence: number, last: number | undefined): string | undefined => {
  if (last === undefined || sequence === last + 1) return undefined;
  if (sequence === last) return `sequence ${sequence} was used before`;
  if (sequence < last) return `sequence ${sequence} comes after ${last}`;
  const missing = sequence - last === 2 ? `${last + 1} is` : `${last + 1} to ${sequence - 1} are`;
  return `sequence ${sequence} comes after ${last}: ${missing} missing`;
};
