import { createInterface } from 'node:readline'
import { start } from '../../../src/index.ts'

// A program with a schedule of a second: it serves the folder, or waits to take its place. Argument: the folder.
const [folder = ''] = process.argv.slice(2)
const app = await start({ folder, notice: () => {} })
process.stdout.write(`${app.runtime ? 'owner' : 'client'}\n`)
// until the test has read everything
for await (const _ of createInterface(process.stdin)) break
await app.stop({ grace: 0 })
