import { inlineEngine } from '../../src/engine/inline/engine.ts'
import { type EnvironmentRules, environmentActor } from '../../src/environment/actor.ts'
import { createEnvironments } from '../../src/environment/room/open-port.ts'
import { simulatedClock } from '../../src/testing/clock.ts'

/** Environments on an inline engine with a simulated clock. */
export function openEnvironments(rules?: EnvironmentRules) {
  const clock = simulatedClock()
  const engine = inlineEngine({ actors: [environmentActor(rules)], clock })
  const health = async () => ({ status: 'ok' as const, checks: [], since: 0 })
  const environments = createEnvironments({ engine, clock, checkOwner: async () => {}, health })

  /** The kept changes after a version that exist now. */
  async function changesOf(name: string, after = 0) {
    const { version } = await environments.get(name)
    const changes: unknown[] = []
    for await (const { n, body } of environments.watch(name, { after })) {
      changes.push(body)
      if (n >= version) break
    }
    return changes
  }
  return { clock, engine, environments, changesOf }
}
