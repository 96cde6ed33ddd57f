import type { Tool } from '../tool.ts'
import { dataTools } from './data-processing.ts'
import { echoTools } from './echo.ts'
import { filesystemTools } from './filesystem.ts'
import { terminalTools } from './terminal.ts'

/** The tools that every runtime has. */
export const builtinTools: readonly Tool[] = [...filesystemTools, ...terminalTools, ...echoTools, ...dataTools]
