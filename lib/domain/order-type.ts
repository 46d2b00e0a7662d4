import * as z from 'zod';

/** Order types as alerts name them. The first two rest in the book, the others end at once. */
export const OrderType = z.enum(['limit', 'limit_maker', 'market', 'ioc', 'fok']);
export type OrderType = z.infer<typeof OrderType>;

/** A resting order may stay in the book; an immediate one ends by itself within moments. */
export const isResting = (type: OrderType): boolean => type === 'limit' || type === 'limit_maker';
