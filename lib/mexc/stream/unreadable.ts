/** Bytes that are no message of the kind that was expected. Its text is fixed: it quotes nothing that came. */
export class Unreadable extends Error {
  override name = 'Unreadable';
}
