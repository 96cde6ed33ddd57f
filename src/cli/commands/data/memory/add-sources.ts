import { readFile, realpath, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { InvalidError, is } from '../../../../errors.ts'
import { showOnOneLine } from '../../../../lib/unseen.ts'
import { EMPTY_REPORT, together } from '../../../../memory/sources/reports.ts'
import type { AddedSources, SourceRequest } from '../../../../memory/sources/sources.ts'
import { walkFolder } from '../../../../source/folder/walk.ts'
import { type Cli, type ConnectionTarget, targetOf } from '../../../cli.ts'
import { type Session, withRuntime } from '../../../connect/session.ts'
import { formatCount } from '../../../terminal/format.ts'
import { ownerIn } from './options.ts'

type Options = ConnectionTarget & {
  readonly space?: string
  readonly owner?: string
  readonly json?: boolean
}

const EXPECTED = ['space', 'owner', 'json', 'data', 'server', 'key']

/** Adds files, folders and pages. A source that fails does not keep the others out. */
export async function addSources(cli: Cli, sources: readonly string[], options: Options): Promise<number> {
  checkOptions(sources, options)
  const { terminal } = cli
  const where = { command: 'antiphon memory add', ...targetOf(options), serve: false, creates: true }
  return withRuntime(cli, where, async (session) => {
    const wanted = {
      ...ownerIn(options),
      ...(options.space !== undefined && { space: options.space }),
    }
    let total = EMPTY_REPORT
    let portion: Promise<unknown> = Promise.resolve()
    const add = async (request: SourceRequest) => {
      session.signal.throwIfAborted()
      const change = total.change === undefined ? {} : { change: total.change }
      const adding = session.client.memory.sources.add({ ...wanted, ...change, ...request })
      portion = adding.catch(() => {})
      const added = await adding
      total = together(total, added)
      if (added.left > 0) terminal.say(`${progress(total)}; ${formatCount(added.left, 'file')} left.`)
      return added
    }
    session.goOnWith(session.command('memory', 'add', ...sources, ...wordsOf(options)))
    session.atInterrupt(async () => {
      await portion
      terminal.say(`In memory now: ${progress(total)}.`)
    })
    for (const source of sources)
      try {
        await addOne(terminal.folder, source, session, add, options)
      } catch (error) {
        if (session.signal.aborted || !is(error) || sources.length === 1) throw error
        const reason = [error.message, error.hint].filter(Boolean).join(' ')
        total = { ...total, skipped: [...total.skipped, { ref: source, reason }] }
      }
    if (options.json) terminal.json(total)
    else {
      terminal.lines([`${progress(total)}.${total.change === undefined ? '' : ` Change ${total.change}.`}`])
      for (const note of total.notes) terminal.say(`Note: ${note}.`)
      for (const { ref, reason } of total.skipped) terminal.say(`Not read: ${showOnOneLine(ref)}: ${reason}`)
    }
    return total.skipped.length > 0 ? 1 : 0
  })
}

type Add = (request: SourceRequest) => Promise<AddedSources>

async function addOne(folder: string, source: string, session: Session, add: Add, options: Options): Promise<void> {
  if (/^https?:\/\//i.test(source)) return void (await add({ url: source }))
  const path = await realpath(resolve(folder, source)).catch((cause) => {
    const hint = 'To remember a text: antiphon memory add --text "TEXT"'
    throw new InvalidError(`There is no file or folder ${source}.`, { cause, hint })
  })
  if (session.isAway) return sendPath(path, session, add, options)
  let { after } = await add({ path })
  while (after !== undefined) ({ after } = await add({ path, after }))
}

/** Another machine gets the bytes, and forgets the files that are gone here. */
async function sendPath(path: string, { client }: Session, add: Add, options: Options): Promise<void> {
  const { memory } = client
  const found = await stat(path)
  const isFolder = found.isDirectory()
  // reading a pipe would wait for a writer
  if (!isFolder && !found.isFile()) throw new InvalidError(`Expected a file or a folder, got ${path}.`)
  const { files, bounds } = isFolder ? await walkFolder(path) : { files: [{ path }], bounds: [] }
  for (const { path: name } of files) await add({ name, base64: (await readFile(name)).toString('base64') })
  if (!isFolder || bounds.length > 0) return
  const names = new Set(files.map(({ path: name }) => name))
  const known = await memory.sources.list({ ...ownerIn(options), below: join(path, '/'), limit: 1000 })
  for (const { ref } of known) if (!names.has(ref)) await memory.sources.forget({ ...ownerIn(options), source: ref })
}

function checkOptions(sources: readonly string[], options: Options): void {
  if (sources.includes('-')) throw new InvalidError('Expected - alone, got other sources beside it.')
  const [other] = Object.keys(options).filter((name) => !EXPECTED.includes(name))
  if (other !== undefined)
    throw new InvalidError(`Expected --text beside --${other.replace(/[A-Z]/g, (sign) => `-${sign.toLowerCase()}`)}.`)
}

const wordsOf = ({ space, owner }: Options) => [
  ...(space === undefined ? [] : ['--space', space]),
  ...(owner === undefined ? [] : ['--owner', owner]),
]

function progress({ read, same, dropped, added, removed, derived = 0 }: AddedSources): string {
  const facts = [
    `${formatCount(read, 'document')} read`,
    ...(same > 0 ? [`${same} unchanged`] : []),
    ...(dropped > 0 ? [`${dropped} gone`] : []),
    `${formatCount(added, 'passage')} added`,
    ...(removed > 0 ? [`${removed} removed`] : []),
    ...(derived > 0 ? [`${formatCount(derived, 'record')} made of what is gone removed`] : []),
  ]
  return facts.join(', ')
}
