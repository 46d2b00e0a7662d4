import { startLocal } from './local-stack.ts';

// A local run in a process of its own, to be killed: `node local-child.ts <assembly> <data directory>`.
const [assembly = '', dataDir = ''] = process.argv.slice(2);
const { url } = await startLocal({ assembly, env: { DATA_DIR: dataDir } });
process.stdout.write(`ready ${url}\n`);
