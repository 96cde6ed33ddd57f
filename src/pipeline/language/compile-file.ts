import { InvalidError } from '../../errors.ts'
import { readGivenFile } from '../../lib/encoding/plain-file.ts'
import { nearestFile } from '../../lib/nearest-file.ts'
import type { Finding } from '../../run/finding.ts'
import { isOutsideRoots, outsideMessage } from '../../tool/roots.ts'
import { type Compilation, type CompileContext, compileText } from './compile.ts'
import { bundleIncludeReader, bundlePipelineFinder, type PipelineBundle } from './source/bundle.ts'
import { decodePipeline, fileIncludeReader } from './source/files.ts'
import { filePipelineFinder } from './source/resolve.ts'

/** Compiles a text from elsewhere: no file of this machine is read. */
export function compileBundle(
  written: PipelineBundle,
  context: Omit<CompileContext, 'file' | 'read'>,
  compile = compileText,
): Compilation {
  const { text, name: file } = written
  return compile(text, {
    ...context,
    file,
    read: bundleIncludeReader(written),
    findPipeline: bundlePipelineFinder(written),
  })
}

const READ_ERROR_TEXTS: { readonly [code: string]: string } = {
  ENOENT: 'the file does not exist',
  EISDIR: 'it is a folder; name the files in it, as in folder/*.yaml',
  EACCES: 'this user has no permission to read it',
}

/** The context of a file. `shown`: its name in messages; `project`: where includes are; `roots`: paths of its tools. */
type FileContext = { readonly shown?: string; readonly project: string; readonly roots?: readonly string[] }

/** Compiles a file. A file that cannot be read is a finding like any other. */
export async function compileFile(
  path: string,
  context: Omit<CompileContext, 'file' | 'read' | 'judgePath'> & FileContext,
  compile = compileText,
): Promise<Compilation> {
  const { shown: file = path, project, roots, ...rest } = context
  try {
    return compile(decodePipeline(await readGivenFile(path), file), {
      ...rest,
      file,
      read: fileIncludeReader(path, project),
      findPipeline: filePipelineFinder(path, project),
      ...(roots && { judgePath: pathJudge({ root: project, roots }) }),
    })
  } catch (error) {
    if (error instanceof InvalidError && error.code === 'file_unreadable')
      return { findings: [undecodableFinding(error, file)] }
    const { code, message: own } = error as NodeJS.ErrnoException
    if (code === undefined) throw error
    const why = READ_ERROR_TEXTS[code] ?? own
    const near = code === 'ENOENT' ? nearestFile(file, path) : undefined
    const hint = near === undefined ? {} : { hint: `Did you mean ${near}?` }
    const message = `cannot read ${file}: ${why}`
    return { findings: [{ code: 'file_unreadable', severity: 'error', message, file, ...hint }] }
  }
}

function undecodableFinding({ message, hint, place }: InvalidError, file: string): Finding {
  return { code: 'file_unreadable', severity: 'error', message, file, ...place, ...(hint !== undefined && { hint }) }
}

const ROOTS_HINT = 'To allow it, name its folder under `roots:` in antiphon.yaml.'

function pathJudge(place: Parameters<typeof isOutsideRoots>[1]): NonNullable<CompileContext['judgePath']> {
  return (path) =>
    isOutsideRoots(path, place) ? { message: outsideMessage(path, place.roots), hint: ROOTS_HINT } : undefined
}
