import type { Tool } from '../tool.ts'
import { dataTools } from './data-processing.ts'
import { echoTools } from './echo.ts'
import { filesystemTools } from './filesystem.ts'
import { reportTools } from './report-generator/report-generator.ts'
import { terminalTools } from './terminal/terminal.ts'
import { validationTools } from './validation.ts'

/** The tools that every runtime has. */
export const builtinTools: readonly Tool[] = [
  ...filesystemTools,
  ...terminalTools,
  ...echoTools,
  ...dataTools,
  ...validationTools,
  ...reportTools,
]
