import { appendFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openProgram, order } from './program.ts'

/** `begin` starts a run and notes its address. `deliver` has other code, and posts each body to that address. */
type Life = { readonly folder: string; readonly bodies?: readonly object[] }

// a process that dies as soon as it has answered
const { folder, bodies } = JSON.parse(process.argv[2]!) as Life
const noted = join(folder, 'address')
if (!bodies) {
  const { addressesOf } = await openProgram(folder, [order()])
  const [url] = await addressesOf(order(), 'o')
  appendFileSync(noted, url!)
} else {
  const { post } = await openProgram(folder, [order({ step: 'another' })])
  const url = readFileSync(noted, 'utf8')
  for (const body of bodies) appendFileSync(join(folder, 'answers'), `${JSON.stringify(await post(url, body))}\n`)
}
process.kill(process.pid, 'SIGKILL')
