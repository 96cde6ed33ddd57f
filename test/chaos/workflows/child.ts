import { flushCompileCache } from 'node:module'
import { type Life, live, liveTrips } from './life.ts'

// a process that works on the run until it dies, which may be of its own hand
const life = JSON.parse(process.argv[2]!) as Life
// a killed process keeps nothing for the next one, unless it does so now
flushCompileCache()
await (life.trips ? liveTrips : live)(life)
