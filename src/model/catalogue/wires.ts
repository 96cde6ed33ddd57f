import type { LanguageModelV4 } from '@ai-sdk/provider'
import { InvalidError } from '../../errors.ts'
import { ownValue } from '../../lib/own.ts'
import { formatModelId, OFFLINE_PROVIDER, parseModelId } from '../model-id.ts'
import { knownAddress } from '../provider/provider-types.ts'
import { defaultWire } from '../wire/default-wire.ts'
import { type JsonMode, rulesOf, type Wire, wireFault } from '../wire/rules.ts'
import type { ModelConfig, ModelSettings } from './model-config.ts'

/** The set of rules for the requests to a model; undefined: the package of its provider decides. */
export type WireOf = (id: string) => Wire | undefined

/** The rules of each model: its own, its provider's, or its server's. InvalidError for a name that no set has. */
export function wiresOfModels(
  { models = [] }: Pick<ModelConfig, 'models'>,
  { providers }: Pick<ModelSettings, 'providers'>,
  ready: ReadonlyMap<string, Pick<LanguageModelV4, 'provider'>>,
): WireOf {
  for (const [name, { wire }] of Object.entries(providers)) checkWire(wire, `providers.${name}.wire`)
  for (const [place, { wire }] of models.entries()) checkWire(wire, `models.${place}.wire`)
  const named = new Map(models.map(({ id, wire }) => [formatModelId(parseModelId(id)), wire]))
  return (id) => {
    const { provider, name: model } = parseModelId(id)
    const own = named.get(id)
    if (own !== undefined || provider === OFFLINE_PROVIDER) return own
    const made = ready.get(id)
    const wire = made && wireOfMade(made.provider, model)
    if (wire) return wire
    const config = ownValue(providers, provider)
    return config && (config.wire ?? defaultWire({ ...config, address: knownAddress(config), model }))
  }
}

/** The AI SDK names a model's provider as in `mistral.chat`. */
const wireOfMade = (provider: string, model: string) =>
  defaultWire({ type: provider, address: undefined, model, ...(provider.endsWith('.chat') && { api: 'chat' }) })

function checkWire(wire: string | undefined, path: string): void {
  const fault = wire === undefined ? undefined : wireFault(wire)
  if (fault !== undefined) throw new InvalidError(`${path}: ${fault}`, { place: { path } })
}

/** How a model is asked for JSON first: as its description says, else as its server allows. */
export function firstJsonModes({ models = [] }: Pick<ModelConfig, 'models'>, wireOf: WireOf): (id: string) => JsonMode {
  const said = new Map(models.map(({ id, json }) => [formatModelId(parseModelId(id)), json]))
  return (id) => {
    const json = said.get(id)
    if (json === undefined) return rulesOf(wireOf(id)).json
    return json === true ? 'schema' : json || 'words'
  }
}
