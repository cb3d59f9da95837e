import { createTheme } from '@mantine/core'

/** How the library's parts look; the colours are in theme.css, where both schemes stand side by side. */
export const theme = createTheme({
  primaryColor: 'teal',
  defaultRadius: 'md',
  fontFamily: 'ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif',
  respectReducedMotion: true,
})
