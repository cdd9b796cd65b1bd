/** A QR code: dark on white whatever the page looks like, or no phone reads it. @param label what it says, for who cannot see it */
export function Qr({ rows, label }: { readonly rows: readonly (readonly boolean[])[]; readonly label: string }) {
  const path = rows.flatMap((row, y) => row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : ''))).join('')
  return (
    <svg
      class="qr"
      viewBox={`0 0 ${rows.length} ${rows.length}`}
      role="img"
      aria-label={label}
      shape-rendering="crispEdges"
    >
      <rect width="100%" height="100%" fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  )
}
