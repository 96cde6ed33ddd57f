import { z } from 'zod'
import { pathInput } from '../filesystem/path.ts'

/** Code of a step. Its values come in `inputs`, not in the text. */
export const codeInput = z.string().min(1, 'expected code, got an empty text').max(1_000_000)

/** Paths of files that the code may read. */
export const filesInput = z.array(pathInput).max(1000).default([])

/** The folder for the files that the code makes. */
export const outputFolderInput = pathInput.optional()

export const sandboxName = z.string()
