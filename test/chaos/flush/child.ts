// A process that works on a data folder until it dies, which may be of its own hand.
import { flushCompileCache } from 'node:module'
import { acknowledge, type Life, openLife, works } from './life.ts'

const life = JSON.parse(process.argv[2]!) as Life
// a killed process keeps nothing for the next one, unless it does so now
flushCompileCache()
const runtime = await openLife(life)
await works[life.work].begin(runtime, () => acknowledge(life.folder))
await runtime.stop()
