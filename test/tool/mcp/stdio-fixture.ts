import { serveStdio } from '@modelcontextprotocol/server/stdio'
import { fixture, startStubborn } from './fixture.ts'

const {
  LOG: log,
  DESCRIPTION: description,
  MORE: more,
  PIDS: pids,
  BANNER: banner,
  EARLY: early,
  FREE: free,
  TIDE: tide,
} = process.env
if (pids) startStubborn(pids)
if (early) {
  console.error('cannot read the licence')
  process.exit(4)
}
if (banner) process.stdout.write(`${banner}\n`)
serveStdio(() => fixture({ log, description, more, free, tide }))
