import { flushCompileCache } from 'node:module'
import { type Life, live } from './life.ts'

// a process that works on the run until it dies, or as long as its code lets it go on
const life = JSON.parse(process.argv[2]!) as Life
// a killed process keeps nothing for the next one, unless it does so now
flushCompileCache()
await live(life)
