import type { Mutation } from './mutation.ts'
import { checkpoint } from './mutations/checkpoint.ts'
import { effects } from './mutations/effects.ts'
import { folder } from './mutations/folder.ts'
import { ids } from './mutations/ids.ts'
import { kernel } from './mutations/kernel.ts'
import { log } from './mutations/log.ts'
import { mail } from './mutations/mail.ts'
import { store } from './mutations/store.ts'
import { supervision } from './mutations/supervision.ts'
import { watermark } from './mutations/watermark.ts'

/** All that must be noticed. */
export const MUTATIONS: readonly Mutation[] = [
  ...kernel,
  ...effects,
  ...supervision,
  ...mail,
  ...watermark,
  ...log,
  ...checkpoint,
  ...ids,
  ...store,
  ...folder,
]
