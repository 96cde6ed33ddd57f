import type { Engine } from '../../engine/engine.ts'
import { InvalidError } from '../../errors.ts'
import { LOCAL_OWNER } from '../../lib/owner.ts'
import type { ValueStore } from '../../step/values.ts'
import type { Admit } from '../../work/activity.ts'
import { openShelf } from '../../work/version-shelf.ts'
import { hasErrors } from '../language/diagnostics/finding.ts'
import type { PipelineBundle } from '../language/source/bundle.ts'
import type { Compiler } from './compile/compiler.ts'
import type { PipelineDocument } from './documents.ts'
import type { PipelinesPort } from './port.ts'

type Parts = {
  readonly engine: Engine
  readonly values: ValueStore
  readonly compiler: Compiler
  readonly admit: Admit
}
type Uploads = Pick<PipelinesPort, 'put' | 'list' | 'get' | 'remove'>

const shelfOf = (engine: Engine) => openShelf(engine, 'pipeline', 'pipeline')

/** Uploaded pipelines: each is an actor that holds the hashes of its versions. */
export function runtimeUploads({ engine, values, compiler, admit }: Parts): Uploads {
  const shelf = shelfOf(engine)
  return {
    async put(name, source, { owner = LOCAL_OWNER, strict = false, trusted = true } = {}) {
      checkName(name)
      const verdict = await compiler.validate({ source: { name, ...source } }, { strict, trusted })
      if (hasErrors(verdict.findings)) return verdict
      await admit(owner)
      const { text, files } = source
      const written: PipelineBundle = {
        text,
        name,
        ...(files && { files }),
        uploaded: name,
        ...(trusted && { trusted }),
      }
      const hash = await values.put(written)
      return { ...verdict, kept: { hash, isNew: await shelf.put(name, owner, hash) } }
    },
    list: (query = {}) => shelf.list(query),
    async get(name, { owner = LOCAL_OWNER, version } = {}) {
      const found = await shelf.read(name, owner, version)
      const { text, files } = (await values.get(found.hash)) as PipelineBundle
      return { name, owner, ...found, text, ...(files && { files }) } satisfies PipelineDocument
    },
    remove: (name, { owner = LOCAL_OWNER } = {}) => shelf.remove(name, owner),
  }
}

/** The hash of the text that an owner uploaded under a name. */
export async function findUploaded(engine: Engine, name: string, owner: string): Promise<string | undefined> {
  return NAME.test(name) ? shelfOf(engine).find(name, owner) : undefined
}

const NAME = /^[A-Za-z0-9][\w.-]{0,99}$/

function checkName(name: string): void {
  if (NAME.test(name)) return
  const hint = 'Up to 100 letters, digits, dots, hyphens and underscores are expected.'
  throw new InvalidError(`${JSON.stringify(name.slice(0, 120))} is not a valid pipeline name.`, { hint })
}
