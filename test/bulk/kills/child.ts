import { flushCompileCache } from 'node:module'
import { type Life, live } from './life.ts'

// a process that lives until all orders have ended, or until it dies by its own hand
const life = JSON.parse(process.argv[2]!) as Life
flushCompileCache()
const { stop } = await live(life)
await stop()
