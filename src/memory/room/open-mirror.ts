import { InvalidError } from '../../errors.ts'
import type { House } from '../../house/house.ts'
import { SECRET_SCHEME } from '../../secret/names.ts'
import { type MemoryActivity, raise } from '../duties/activity.ts'
import { ownerCalls } from '../duties/calls.ts'
import { createMirror, type Mirror } from '../redis/mirror.ts'
import { openMirrorServer } from '../redis/server.ts'
import type { MemoryStore } from '../store/open-store.ts'
import type { MirroredOwner } from '../store/upkeep/mirror.ts'
import type { MemoryNeeds } from './open-port.ts'

/** The mirror that the settings ask for, if any. `resume`: brings it up to date, or notes that there is none, once. */
export function openMirror(
  { config, clock, secret }: Pick<House, 'clock' | 'secret'> & Pick<MemoryNeeds, 'config'>,
  store: MemoryStore,
  { work, failed }: MemoryActivity,
): { readonly mirror?: Mirror; resume(): Promise<void> } {
  const { redis: url, redisPassword } = config.memory ?? {}
  let resumed: Promise<unknown> | undefined
  let isBegun = false
  if (url === undefined)
    return {
      async resume() {
        resumed ??= store.write({ name: 'endMirrors', now: clock.now() }).catch((error) => {
          resumed = undefined
          throw error
        })
        await resumed
      },
    }
  const { REDIS_USERNAME: username } = config.environment
  const passwordNow = async () =>
    redisPassword === undefined ? config.environment.REDIS_PASSWORD : readSecret(secret, 'redisPassword', redisPassword)
  const mirror = createMirror({
    clock,
    calls: ownerCalls(store, () => clock.now()),
    owners: async () =>
      ((await store.look({ name: 'mirroredOwners', now: clock.now() })) ?? []) as readonly MirroredOwner[],
    async open(events) {
      const password = await passwordNow()
      return openMirrorServer({ url, ...(username && { username }), ...(password && { password }) }, events)
    },
    note: (what, count) => (what === 'failed' ? raise(failed, 'redis') : raise((work.redis ??= {}), what, count)),
  })
  return {
    mirror,
    async resume() {
      if (!isBegun) mirror.begin()
      isBegun = true
    },
  }
}

/** The value of a secret that a setting of memory names. */
export async function readSecret(secret: House['secret'], setting: string, reference: string): Promise<string> {
  const name = reference.slice(SECRET_SCHEME.length)
  const value = await secret(name)
  if (value !== undefined) return value
  throw new InvalidError(`\`memory: { ${setting} }\` names the secret ${name}, which does not exist.`, {
    hint: `Store it: antiphon keys set ${name}`,
  })
}
