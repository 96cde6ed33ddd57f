import { InvalidError } from '../errors.ts'
import type { ModelConfig, ProviderConfig } from './config.ts'
import { EXTRACTIVE_ID, OFFLINE } from './names.ts'
import { formatModelId, parseModelId } from './spec.ts'

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>

/** What configuration and environment come to: the servers by name, and which model is meant when none is named. */
export type Settings = {
  readonly providers: { readonly [name: string]: ProviderConfig }
  readonly default: { readonly id: string; readonly offline: boolean; readonly why: string }
}

const OLLAMA_URL = 'http://127.0.0.1:11434/v1'
const OPENAI_URL = 'https://api.openai.com/v1'
const HOW_TO =
  'no model is configured, so answers are selected from the text at hand; for written ones set ANTIPHON_MODEL, for example to ollama/llama3.2'

/**
 * The environment's short cuts, then the configuration over them. `ANTIPHON_MODEL` names the default model and wins over the
 * file. `ollama` is always there (`OLLAMA_BASE_URL`, else the local port 11434); `openai` is there with `OPENAI_API_KEY`, or
 * with `OPENAI_BASE_URL` for any server that speaks its protocol. A key never stands in the configuration, only its name.
 */
export function readSettings(config: ModelConfig, environment: Environment): Settings {
  const providers = { ...environmentProviders(environment), ...config.providers }
  for (const [name, provider] of Object.entries(providers)) checkProvider(name, provider)
  return { providers, default: readDefault(config, environment) }
}

function environmentProviders({
  OLLAMA_BASE_URL,
  OPENAI_BASE_URL,
  OPENAI_API_KEY,
}: Environment): Settings['providers'] {
  const type = 'openai-compatible'
  const openai = {
    type,
    baseURL: OPENAI_BASE_URL || OPENAI_URL,
    ...(OPENAI_API_KEY && { keyEnv: 'OPENAI_API_KEY' }),
  } as const
  return {
    ollama: { type, baseURL: OLLAMA_BASE_URL || OLLAMA_URL },
    ...((OPENAI_BASE_URL || OPENAI_API_KEY) && { openai }),
  }
}

function checkProvider(name: string, { baseURL }: ProviderConfig): void {
  const path = `providers.${name}`
  if (name === OFFLINE)
    throw new InvalidError(`the provider name ${OFFLINE} is taken`, { place: { path }, hint: 'Choose another name.' })
  if (/^[\w.-]+$/.test(name) && /^https?:$/.test(URL.parse(baseURL)?.protocol ?? '')) return
  throw new InvalidError(`provider ${JSON.stringify(name)} has no usable base URL`, {
    place: { path: `${path}.baseURL` },
    hint: `Give it one such as ${OLLAMA_URL}; names consist of letters, digits, dots and dashes.`,
  })
}

function readDefault(config: ModelConfig, { ANTIPHON_MODEL }: Environment): Settings['default'] {
  const named = ANTIPHON_MODEL || config.model
  if (!named) return { id: EXTRACTIVE_ID, offline: true, why: HOW_TO }
  const { provider, name } = parseModelId(named)
  const why = ANTIPHON_MODEL ? 'ANTIPHON_MODEL names it' : 'the configuration names it'
  return { id: formatModelId({ provider, name }), offline: provider === OFFLINE, why }
}
