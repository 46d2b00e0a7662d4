/**
 * undici's package has no `exports` map, so the one class that is used can be imported by its path: that leaves fetch,
 * caches, mocks, proxies and retry handlers out of the bundle (455 kB instead of 724). Bundling with
 * `define: { esbuildDetection: '1' }`, undici's own switch, leaves out its second HTTP parser too (290 kB). Every test
 * of the client goes through this path.
 */
declare module 'undici/lib/dispatcher/client.js' {
  import { Client } from 'undici';

  export = Client;
}
