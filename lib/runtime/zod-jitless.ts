import * as z from 'zod';

// Compiling a parser pays after hundreds of items of one shape; a function sees a few and starts often. Entry points import
// this before anything that makes a schema.
z.config({ jitless: true });
