import { existsSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Config } from '../../../config/config.ts'
import { InvalidError, NotFoundError, TerminalError } from '../../../errors.ts'
import { nearestWord } from '../../../lib/suggest.ts'
import { formatSize } from '../../../lib/text/format-size.ts'
import { parseModelId } from '../../../model/model-id.ts'
import type { PullProgress } from '../../../model/provider/pull.ts'
import { command } from '../../cli.ts'
import { escapeControls } from '../../terminal/escape.ts'
import type { Terminal } from '../../terminal/terminal.ts'
import { withModels } from './local-models.ts'

export const pullCommand = command({
  name: 'pull',
  about:
    'Let the Ollama server of this machine download a model. Only models that antiphon.yaml or models.yaml names are pulled; without a name, all with `pull: true`. What was broken off continues with the same command.',
  args: [['[name]', 'id, alias or bare name of the model']],
  options: [['--json', 'print the result as JSON']],
  examples: ['models pull ollama/llama3.2', 'models pull'],
  async run(cli, name, { json }) {
    const { environment } = cli.terminal
    const [{ readModelSettings }, { isLoopback }, { pullModel }] = await Promise.all([
      import('../../../model/catalogue/model-config.ts'),
      import('../../../http/server/address.ts'),
      import('../../../model/provider/pull.ts'),
    ])
    const { providers, known, named } = await withModels(cli, (models, config) => ({
      providers: readModelSettings(config, environment).providers,
      known: models.facts().map(({ id }) => id),
      named: name === undefined ? marked(config) : [models.find(name) ?? name],
    }))
    const pulled: object[] = []
    for (const id of named) {
      if (!known.includes(id)) throw notNamed(id, known)
      const { provider, name: model } = parseModelId(id)
      const server = providers[provider]?.baseURL
      if (server === undefined || !(await isLoopback(new URL(server).hostname.replace(/^\[|\]$/g, '')))) throw away(id)
      const free = await freeSpace(environment)
      cli.terminal.say(`${id}: ${new URL(server).origin} pulls it. ${free ? wordsOf(free) : SPACE_UNKNOWN}`)
      const stop = new AbortController()
      const { total } = await watchPull(cli.terminal, pullModel(server, model, stop.signal), free?.bytes).finally(() =>
        stop.abort(),
      )
      pulled.push({ model: id, server, bytes: total })
      if (!json) cli.terminal.out(`${id} is there${total > 0 ? `, with ${formatSize(total)}` : ''}.`)
    }
    if (json) cli.terminal.json(pulled)
    return 0
  },
})

function marked({ models = [] }: Pick<Config, 'models'>): readonly string[] {
  const ids = models.flatMap(({ id, pull }) => (pull ? [id] : []))
  if (ids.length > 0) return ids
  throw new InvalidError('No model of the settings has `pull: true`.', {
    hint: 'Name the model: antiphon models pull ollama/llama3.2',
  })
}

function notNamed(id: string, known: readonly string[]): NotFoundError {
  const near = nearestWord(id, known)
  const hint = near === undefined ? 'Name it under `models:` in antiphon.yaml first.' : `Did you mean ${near}?`
  return new NotFoundError(`The settings name no model ${id}.`, { hint })
}

const away = (id: string) =>
  new TerminalError(`The server of ${id} is not on this machine.`, { hint: 'Pull the model where its server runs.' })

type Space = { readonly folder: string; readonly bytes: number }

/** The free space where Ollama keeps its models, if that folder is known here. */
async function freeSpace({ OLLAMA_MODELS }: Terminal['environment']): Promise<Space | undefined> {
  const usual = [join(homedir(), '.ollama'), '/usr/share/ollama']
  const folder = OLLAMA_MODELS ?? usual.find((path) => existsSync(path))
  if (folder === undefined || !existsSync(folder)) return undefined
  const { bavail, bsize } = await statfs(folder)
  return { folder, bytes: bavail * bsize }
}

const wordsOf = ({ folder, bytes }: Space) => `${formatSize(bytes)} are free in ${folder}.`
const SPACE_UNKNOWN = 'Where it keeps its models is not known here, and so is the space there.'

/** Shows a pull until its end. Stops it if the model is larger than the free space. */
async function watchPull(terminal: Terminal, pull: AsyncIterable<PullProgress>, free = Number.POSITIVE_INFINITY) {
  const screen = terminal.live ? (await import('log-update')).createLogUpdate(process.stderr) : undefined
  let last: PullProgress = { status: '', done: 0, total: 0 }
  try {
    for await (const now of pull) {
      if (now.total - now.done > free) throw tooLarge(now.total, free)
      if (last.total === 0 && now.total > 0) terminal.say(`It has at least ${formatSize(now.total)}.`)
      if (screen) screen(escapeControls(lineOf(now)))
      else if (tenthsOf(now) !== tenthsOf(last) || now.status !== last.status) terminal.say(lineOf(now))
      last = now
    }
    return last
  } finally {
    screen?.done()
  }
}

const tenthsOf = ({ done, total }: PullProgress) => (total > 0 ? Math.floor((10 * done) / total) : 0)
const lineOf = ({ status, done, total }: PullProgress) =>
  total > 0 ? `${status}: ${formatSize(done)} of ${formatSize(total)}` : status

const tooLarge = (total: number, free: number) =>
  new TerminalError(`The model has ${formatSize(total)}, and ${formatSize(free)} are free.`, { code: 'no_space' })
