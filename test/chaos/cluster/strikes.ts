import { setTimeout as sleep } from 'node:timers/promises'
import type { SeededRandom } from '../../../trials/simulation/plan/random.ts'

/** What can be killed and started again. */
interface Mortal {
  kill(): Promise<void>
  start(): Promise<void>
}

/** The processes of a cluster. */
export type Mortals = { readonly servers: readonly Mortal[]; readonly nodes: readonly Mortal[] }

/** ms that the dead stay dead, at most. */
const LONGEST = 3_000

/** Kills some of them at once, and starts them again after a while; resolves with how many that were. */
export async function strike(mortals: Mortals, number: number, random: SeededRandom): Promise<number> {
  const victims = chooseVictims(mortals, number, random)
  await Promise.all(victims.map((victim) => victim.kill()))
  await sleep(random.below(LONGEST))
  await Promise.all(victims.map((victim) => victim.start()))
  return victims.length
}

/** A server, a node, one of each, and once in a while all servers there are. */
function chooseVictims({ servers, nodes }: Mortals, number: number, random: SeededRandom): readonly Mortal[] {
  const one = (of: readonly Mortal[]) => random.pick(of as [Mortal, ...Mortal[]])
  const kinds = [
    () => [one(servers)],
    () => [one(nodes)],
    () => [one(servers), one(nodes)],
    () => [one(servers)],
    () => [one(nodes)],
    () => servers,
    () => nodes,
  ]
  return kinds[number % kinds.length]!()
}
