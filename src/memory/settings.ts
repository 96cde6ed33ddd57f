import { z } from 'zod'
import { hasNoCredentials } from '../model/provider/base-url.ts'
import { isSecret } from '../secret/names.ts'
import { upkeepSettings } from './tier/settings.ts'

const isPlain = (text: string) => {
  const { username = '', password = '', search = '', hash = '' } = URL.parse(text) ?? {}
  return `${username}${password}${search}${hash}` === ''
}

/**
 * The key of antiphon.yaml for memory. `remember`: answers of asks become records, unless an ask says otherwise. `url`:
 * the libSQL server that nodes share; absent: a file in the data folder. `redis`: a server with copies of recent
 * records.
 */
export const memorySettings = {
  memory: z
    .strictObject({
      remember: z.boolean().exactOptional(),
      ...upkeepSettings,
      url: z
        .url({
          protocol: /^(?:libsql|https?)$/,
          error: 'expected the address of a libSQL server such as libsql://memory-ada.turso.io',
        })
        .refine(isPlain, 'expected an address without a user, a password and parameters: `token` names the token')
        .exactOptional(),
      token: z
        .string()
        .refine(isSecret, 'expected the name of a secret such as secret://memory, not the token itself')
        .exactOptional(),
      redis: z
        .url({ protocol: /^rediss?$/, error: 'expected an address such as redis://127.0.0.1:6379/1' })
        .refine(hasNoCredentials, 'expected an address without a password: `redisPassword` names it')
        .exactOptional(),
      redisPassword: z
        .string()
        .refine(isSecret, 'expected the name of a secret such as secret://redis, not the password itself')
        .exactOptional(),
    })
    .refine(({ url, token }) => url !== undefined || token === undefined, {
      path: ['token'],
      error: 'expected a `url` beside it',
    })
    .exactOptional(),
}

/** The memory as antiphon.yaml describes it. */
export type MemorySettings = z.infer<NonNullable<typeof memorySettings.memory>>
