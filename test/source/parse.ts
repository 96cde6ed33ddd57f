import { leafModule } from '../../src/lib/package/leaf.ts'
import { DOCX_TYPE } from '../../src/source/document.ts'
import { type FileToParse, parseFile as parse } from '../../src/source/readers.ts'

/** Reads a file in this process. `@antiphon/media` reads PDF and DOCX. */
export const parseFile = (file: FileToParse) =>
  parse(['application/pdf', DOCX_TYPE].includes(file.type) ? { ...file, module: leafModule('@antiphon/media') } : file)
