/** Stand-in: has nothing to follow. */
export const main = async () => {};
