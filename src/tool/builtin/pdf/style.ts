/** How a printed document looks. */
export const STYLE = `
body { font: 10.5pt/1.5 "Liberation Sans", "DejaVu Sans", Helvetica, Arial, sans-serif; color: #1a1a1a; margin: 0; }
h1, h2, h3, h4, h5, h6 { line-height: 1.25; margin: 1.4em 0 0.5em; break-after: avoid; }
h1 { font-size: 20pt; } h2 { font-size: 15pt; } h3 { font-size: 12.5pt; } h4, h5, h6 { font-size: 10.5pt; }
h1:first-child { margin-top: 0; } h2 { border-bottom: 0.5pt solid #ccc; padding-bottom: 2pt; }
p, ul, ol, table, pre, blockquote { margin: 0 0 0.8em; }
p { orphans: 3; widows: 3; overflow-wrap: anywhere; }
p.line { color: #555; margin: 0 0 0.3em; }
a { color: #0b57a4; text-decoration: none; }
code, pre { font: 9pt/1.4 "Liberation Mono", "DejaVu Sans Mono", monospace; background: #f4f4f4; }
code { padding: 0 2pt; } pre { padding: 6pt 8pt; white-space: pre-wrap; overflow-wrap: anywhere; } pre code { padding: 0; }
blockquote { border-left: 2pt solid #ccc; color: #555; margin-left: 0; padding-left: 10pt; }
table { border-collapse: collapse; width: 100%; font-size: 9.5pt; }
thead { display: table-header-group; } tr { break-inside: avoid; }
th, td { border: 0.5pt solid #bbb; padding: 3pt 6pt; text-align: left; vertical-align: top; overflow-wrap: anywhere; }
th { background: #f0f0f0; }
th[align=right], td[align=right] { text-align: right; } th[align=center], td[align=center] { text-align: center; }
img { max-width: 100%; max-height: 220mm; break-inside: avoid; }
hr { border: 0; border-top: 0.5pt solid #ccc; }
nav ul { list-style: none; padding: 0; } nav .depth-2 { margin-left: 1.2em; } nav .depth-3 { margin-left: 2.4em; }
`
