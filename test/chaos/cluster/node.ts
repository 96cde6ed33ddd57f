// A node of a cluster, to be killed: takes turns until then, and writes down what it does.
import { join } from 'node:path'
import { type RestateOptions, restateEngine } from '../../../src/engine/restate/engine.ts'
import { awaitLife, openFileLedger } from '../../../trials/index.ts'
import { actorsOf } from './load.ts'

export type Settings = { readonly folder: string } & Pick<
  RestateOptions,
  'admin' | 'ingress' | 'port' | 'reusePort' | 'connectionAge'
>

const { settings, begin } = await awaitLife<Settings>()
const { folder, ...place } = settings
await restateEngine({ ...place, actors: actorsOf(openFileLedger(join(folder, 'ledger'))) }).start()
begin()
