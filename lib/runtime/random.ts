import { randomBytes } from 'node:crypto';

/** 16 random bytes as 22 characters of base64url: an owner's nonce, a request token. */
export const nonce = (): string => randomBytes(16).toString('base64url');
