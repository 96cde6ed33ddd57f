import { z } from 'zod'
import { parseNow } from '../kernel/schema.ts'
import { type Hook, type HookDefinition, hookName, hookSchema } from './definition.ts'

const hooks = z.record(hookName, hookSchema)

/** The key of antiphon.yaml for webhooks that come in, by name. */
export const hookSettings = { hooks: hooks.exactOptional() }

type Hooks = { readonly hooks?: { readonly [name: string]: HookDefinition } }

/** Settings with the hooks of a program. InvalidError for a hook that is wrong. */
export function withHooks<Settings extends Hooks>(
  settings: Settings,
  given: { readonly [name: string]: Hook } | undefined,
): Settings {
  if (!given) return settings
  const checked = parseNow(hooks, given, 'hooks') as NonNullable<Hooks['hooks']>
  return { ...settings, hooks: { ...checked, ...settings.hooks } }
}
