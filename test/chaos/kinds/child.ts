import { flushCompileCache } from 'node:module'
import { type Life, liveOn, openLife } from './life.ts'

// a process in which all pipelines of the table run until it dies, which may be of its own hand
const life = JSON.parse(process.argv[2]!) as Life
// a killed process keeps nothing for the next one, unless it does so now
flushCompileCache()
const runtime = await openLife(life)
await liveOn(runtime, life.folder)
await runtime.stop({ grace: 0 })
