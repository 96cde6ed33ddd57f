import { z } from 'zod'
import { isJsonObject } from '../kernel/json.ts'
import { ownValue } from '../lib/own.ts'
import type { ModelConfig } from '../model/catalogue/model-config.ts'
import { findFormFault, modelKeysAt, modelListSchema, modelMapSchema } from './models-schema.ts'
import { type FileShape, readYamlFile } from './read-file.ts'
import { configSchema, configKeysAt as keysOfConfig } from './schema.ts'

/** The content of a models.yaml: models, servers, preferences by task, and fallbacks. */
export type ModelsFile = Pick<ModelConfig, 'models' | 'providers' | 'firstFor' | 'fallbackModels'>

const names = z.array(z.string().min(1).max(200)).max(20)
const byWord = z.record(z.string().max(100), z.string().min(1).max(200))
const defaults = z.strictObject({
  expertise_preferences: byWord.exactOptional(),
  fallback_chain: names.exactOptional(),
})
/** Preferences under older names; two of them have no effect since models are chosen by needs. */
const preferences = z.strictObject({
  default_models: byWord.exactOptional(),
  fallback_order: names.exactOptional(),
  cost_optimized: names.exactOptional(),
  performance_optimized: names.exactOptional(),
})
const shared = {
  version: z.union([z.string(), z.number()]).exactOptional(),
  providers: configSchema.shape.providers,
  defaults: defaults.exactOptional(),
  preferences: preferences.exactOptional(),
}
const listing = z.strictObject({ models: modelListSchema.exactOptional(), ...shared })
const mapping = z.strictObject({ models: modelMapSchema.exactOptional(), ...shared })

const KNOWN_KEYS: { readonly [key: string]: readonly string[] } = {
  defaults: Object.keys(defaults.shape),
  preferences: Object.keys(preferences.shape),
}

/** How a file is checked, by whether its models are a list or a map. */
function shapeOf(content: unknown): FileShape<z.output<typeof listing>> {
  const { models } = (content ?? {}) as { readonly models?: unknown }
  const isMap = isJsonObject(models)
  return {
    schema: isMap ? mapping : listing,
    keysAt: (path) => keysAt(path, isMap),
    check: (read) => findFormFault(read.models, isMap ? Object.keys(models) : undefined),
    what: 'the list of models',
  }
}

function keysAt(path: readonly PropertyKey[], isMap: boolean): readonly string[] {
  const [first, second, ...below] = path
  if (first === undefined) return Object.keys(listing.shape)
  if (first === 'models' && second !== undefined) return modelKeysAt(below, isMap)
  if (first === 'providers') return keysOfConfig(path)
  return ownValue(KNOWN_KEYS, String(first)) ?? []
}

/** The checked content of the file; InvalidError with file, line and column of the first fault. */
export async function readModelsFile(file: string): Promise<ModelsFile> {
  const { models, providers, defaults, preferences } = await readYamlFile(file, shapeOf)
  const firstFor = { ...preferences?.default_models, ...defaults?.expertise_preferences }
  const fallbackModels = defaults?.fallback_chain ?? preferences?.fallback_order
  return {
    ...(models && { models }),
    ...(providers && { providers }),
    ...(Object.keys(firstFor).length > 0 && { firstFor }),
    ...(fallbackModels && { fallbackModels }),
  }
}
