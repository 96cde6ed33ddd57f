/**
 * The tools that come with antiphon and need nothing but their parameters and the services of a runtime. A folder
 * holds a tool with several operations. `pipeline/tools/` has the tools that need an actor or a person.
 */

import type { Tool } from '../tool.ts'
import { javascriptTool } from './code/javascript.ts'
import { pythonTool } from './code/python.ts'
import { aggregateTool } from './data-processing/aggregate.ts'
import { cleanTool } from './data-processing/clean.ts'
import { convertTool } from './data-processing/convert.ts'
import { filterTool } from './data-processing/filter.ts'
import { mergeTool } from './data-processing/merge.ts'
import { pivotTool } from './data-processing/pivot.ts'
import { profileTool } from './data-processing/profile.ts'
import { transformTool } from './data-processing/transform.ts'
import { echoTools } from './echo.ts'
import { chmodTool } from './filesystem/chmod.ts'
import { copyTool, moveTool } from './filesystem/copy-move.ts'
import { editTool } from './filesystem/edit.ts'
import { listTool } from './filesystem/list.ts'
import { deleteTool, mkdirTool } from './filesystem/mkdir-delete.ts'
import { existsTool, readFileTool } from './filesystem/read.ts'
import { searchTool } from './filesystem/search.ts'
import { appendTool, writeTool } from './filesystem/write.ts'
import { mcpResourceTools } from './mcp/mcp-resource.ts'
import { mcpServerTools } from './mcp/mcp-server.ts'
import { pdfTool } from './pdf/pdf-compiler.ts'
import { reportTools } from './report-generator/report-generator.ts'
import { terminalTools } from './terminal/terminal.ts'
import { inferTool } from './validation/infer.ts'
import { validateTool } from './validation/validate.ts'
import { createChartsTool } from './visualization/create-charts.ts'
import { createDashboardTool, exportFiguresTool } from './visualization/dashboard.ts'
import { browserTools } from './web/browser.ts'
import { httpTools } from './web/http-client.ts'
import { webSearchTool } from './web/web-search.ts'

/** Tools for tables given as lists of maps, CSV or JSON. */
export const dataTools: readonly Tool[] = [
  convertTool,
  filterTool,
  aggregateTool,
  transformTool,
  profileTool,
  pivotTool,
  cleanTool,
  mergeTool,
]

/** Tools for files and folders in the roots. Results repeat paths as written; sizes are in bytes. */
export const filesystemTools: readonly Tool[] = [
  readFileTool,
  writeTool,
  appendTool,
  copyTool,
  moveTool,
  deleteTool,
  listTool,
  existsTool,
  mkdirTool,
  chmodTool,
  searchTool,
  editTool,
]

export const validationTools: readonly Tool[] = [validateTool, inferTool]

export const builtinTools: readonly Tool[] = [
  ...filesystemTools,
  ...terminalTools,
  ...echoTools,
  ...dataTools,
  ...validationTools,
  ...reportTools,
  pdfTool,
  createChartsTool,
  createDashboardTool,
  exportFiguresTool,
  ...httpTools,
  webSearchTool,
  ...browserTools,
  pythonTool,
  javascriptTool,
  ...mcpServerTools,
  ...mcpResourceTools,
]
