/**
 * undici's package has no `exports` map, so the one class that is used can be imported by its path: that leaves fetch,
 * caches, mocks, proxies and retry handlers out of the bundle. Every test of the client goes through this path.
 */
declare module 'undici/lib/dispatcher/client.js' {
  import { Client } from 'undici';

  export = Client;
}
