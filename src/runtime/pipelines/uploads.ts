import { nameIn } from '../../contract/paging.ts'
import type { Engine } from '../../engine/engine.ts'
import { InvalidError, NotFoundError } from '../../errors.ts'
import { LOCAL_OWNER, ownerField, ownerFilter, ownerOf } from '../../lib/owner.ts'
import { suggestOrList } from '../../pipeline/language/diagnostics/did-you-mean.ts'
import { hasErrors } from '../../pipeline/language/diagnostics/finding.ts'
import type { PipelineBundle } from '../../pipeline/language/source/bundle.ts'
import type { ValueStore } from '../../pipeline/plan/refs.ts'
import type { PipelineStoreMessage, StoredPipeline } from '../../pipeline/run/pipeline-store.ts'
import type { Admit } from '../activity/admission.ts'
import type { PipelineDocument, PipelineSummary, PipelinesPort } from '../ports/pipelines.ts'
import type { Compiler } from './compiler.ts'

type Parts = {
  readonly engine: Engine
  readonly values: ValueStore
  readonly compiler: Compiler
  readonly admit: Admit
}
type Uploads = Pick<PipelinesPort, 'put' | 'list' | 'get' | 'remove'>

/** Uploaded pipelines: each is an actor that holds the hashes of its versions. */
export function runtimeUploads({ engine, values, compiler, admit }: Parts): Uploads {
  const { view } = engine

  async function read(name: string, owner: string): Promise<StoredPipeline> {
    const stored = (await view.peek(shelfRef(name, owner))) as StoredPipeline | null | undefined
    if (!stored) throw await noPipeline(name, owner)
    return stored
  }

  async function noPipeline(name: string, owner: string): Promise<NotFoundError> {
    const listed = await view.list('pipeline', { where: ownerFilter(owner), limit: 200 })
    const hint = suggestOrList(
      name,
      listed.map(({ index }) => String(index.name)),
      'pipelines',
    )
    return new NotFoundError(`there is no pipeline ${name}`, { hint })
  }

  return {
    async put(name, source, { owner = LOCAL_OWNER, strict = false } = {}) {
      checkName(name)
      const verdict = await compiler.validate({ source: { name, ...source } }, { strict })
      if (hasErrors(verdict.findings)) return verdict
      await admit()
      const { text, files } = source
      const written: PipelineBundle = { text, name, ...(files && { files }), uploaded: name }
      const hash = await values.put(written)
      const put: PipelineStoreMessage = { type: 'put', hash, name, ...ownerField(owner) }
      const isNew = (await engine.ask(shelfRef(name, owner), put)) === true
      return { ...verdict, kept: { hash, isNew } }
    },
    async list({ owner, after, limit = 100 } = {}) {
      const query = { where: ownerFilter(owner), limit, ...nameIn(after) }
      return (await view.list('pipeline', query)).map(({ index }) => summaryOf(index))
    },
    async get(name, { owner = LOCAL_OWNER, version } = {}) {
      const { versions, createdAt } = await read(name, owner)
      const found = version === undefined ? versions.at(-1) : versions.find(({ hash }) => hash === version)
      if (!found) throw new NotFoundError(`pipeline ${name} has no version ${version}`)
      const { text, files } = (await values.get(found.hash)) as PipelineBundle
      const about = { name, owner, hash: found.hash, createdAt, updatedAt: versions.at(-1)!.at }
      return { ...about, text, ...(files && { files }), versions } satisfies PipelineDocument
    },
    async remove(name, { owner = LOCAL_OWNER } = {}) {
      await read(name, owner)
      await engine.ask(shelfRef(name, owner), { type: 'remove' })
    },
  }
}

/** The hash of the text that an owner uploaded under a name. */
export async function findUploaded({ view }: Engine, name: string, owner: string): Promise<string | undefined> {
  const stored = NAME.test(name)
    ? ((await view.peek(shelfRef(name, owner))) as StoredPipeline | null | undefined)
    : undefined
  return stored?.versions.at(-1)?.hash
}

const shelfRef = (name: string, owner: string) => ({ kind: 'pipeline', key: `${owner}/${name}` })

const NAME = /^[A-Za-z0-9][\w.-]{0,99}$/

function checkName(name: string): void {
  if (NAME.test(name)) return
  const hint = 'up to 100 letters, digits, dots, hyphens and underscores are expected'
  throw new InvalidError(`${JSON.stringify(name.slice(0, 120))} is not a valid pipeline name`, { hint })
}

function summaryOf(index: { readonly [field: string]: string | number }): PipelineSummary {
  return { ...index, owner: ownerOf(index) } as PipelineSummary
}
