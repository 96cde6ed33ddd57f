import { flushCompileCache } from 'node:module'
import { type Life, live } from './life.ts'

// a process whose schedule starts runs until it dies, which may be of its own hand
const life = JSON.parse(process.argv[2]!) as Life
flushCompileCache()
const { stop } = await live(life, 2)
await stop()
