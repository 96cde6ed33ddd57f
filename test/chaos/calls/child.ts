import { appendFileSync } from 'node:fs'
import { flushCompileCache } from 'node:module'
import { join } from 'node:path'
import { CHILDREN, type Life, live } from './life.ts'

// a process that does what a user does, until it dies, which may be of its own hand
const life = JSON.parse(process.argv[2]!) as Life
// a killed process keeps nothing for the next one, unless it does so now
flushCompileCache()
appendFileSync(join(life.folder, CHILDREN), `${process.pid}\n`)
await live(life)
