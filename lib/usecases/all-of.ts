/**
 * Like `Promise.all`, but a failure is only told when every part has ended: nothing may go on after the answer, in a
 * function that is frozen then (order protocol, section 12.4).
 */
export const allOf = async <A, B>(parts: readonly [Promise<A>, Promise<B>]): Promise<[A, B]> => {
  await Promise.allSettled(parts);
  return Promise.all(parts);
};
