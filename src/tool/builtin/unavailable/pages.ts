import { anyJson } from '../any-json.ts'
import { number, text, type UnavailableOperations } from './operations.ts'

/** Tools that draw charts. */
export const PAGE_TOOLS: { readonly [tool: string]: UnavailableOperations } = {
  visualization: {
    missing: 'a renderer of charts',
    operations: {
      create_charts: [
        'Draws charts',
        { data: anyJson },
        {
          chart_types: anyJson.optional(),
          output_dir: text.optional(),
          title: text.optional(),
          theme: text.optional(),
          format: text.optional(),
          width: number.optional(),
          height: number.optional(),
        },
      ],
      create_dashboard: [
        'Puts charts on one page',
        { charts: anyJson },
        { layout: text.optional(), title: text.optional(), output_dir: text.optional() },
      ],
      export_figures: [
        'Writes charts as pictures',
        {},
        { figures: anyJson.optional(), format: text.optional(), output_dir: text.optional() },
      ],
    },
  },
}
