import { flushCompileCache } from 'node:module'
import { type Life, live } from './life.ts'

// a process that sends signals to a run until it dies, which may be of its own hand
const life = JSON.parse(process.argv[2]!) as Life
flushCompileCache()
const { ended, stop } = await live(life)
await ended()
await stop()
