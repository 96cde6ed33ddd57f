// A node of one release: works until SIGTERM, then lets what is under way end.
import { type RestateOptions, restateEngine } from '../../../src/engine/restate/engine.ts'
import { awaitLife, openFileLedger } from '../../../trials/index.ts'
import { type Release, tally } from './tally.ts'

export type Settings = { readonly ledger: string; readonly release: Release } & Pick<
  RestateOptions,
  'admin' | 'ingress' | 'namespace' | 'port'
>

const { settings, begin } = await awaitLife<Settings>()
const { ledger, release, ...place } = settings
const actors = [tally(release, openFileLedger(ledger))]
const engine = restateEngine({ ...place, release, reusePort: true, actors })
process.once('SIGTERM', () => void engine.stop().then(() => process.exit(0)))
await engine.start()
begin()
