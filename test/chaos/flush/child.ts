// A process that works on a data folder until it dies, which may be of its own hand.
import { acknowledge, type Life, openLife, works } from './life.ts'

const life = JSON.parse(process.argv[2]!) as Life
const runtime = await openLife(life)
await works[life.work].begin(runtime, () => acknowledge(life.folder))
await runtime.stop()
