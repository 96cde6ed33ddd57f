import { flushCompileCache } from 'node:module'
import { type Life, live } from './life.ts'

// a process that takes files until it dies, which may be of its own hand
const life = JSON.parse(process.argv[2]!) as Life
flushCompileCache()
const runtime = await live(life)
await runtime.stop({ grace: 0 })
