/** The arguments of a Chromium that is driven through its descriptors 3 and 4. */
export function chromiumArguments(where: {
  /** the folder of its profile */
  readonly profile: string
  /** the URL of the only proxy it may use; absent: there is no network */
  readonly proxy?: string
  /** it keeps its pages apart by its own sandbox; without, it runs in another one */
  readonly ownSandbox: boolean
}): readonly string[] {
  return [
    '--headless',
    '--remote-debugging-pipe',
    `--user-data-dir=${where.profile}`,
    ...(where.ownSandbox ? [] : ['--no-sandbox']),
    `--proxy-server=${where.proxy ?? NOWHERE}`,
    // loopback as well
    '--proxy-bypass-list=<-loopback>',
    '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
    ...QUIET,
    'about:blank',
  ]
}

/** An address at which nothing answers: without a proxy, Chromium would connect by itself. */
const NOWHERE = 'http://192.0.2.1:9'

const QUIET = [
  // no way around the proxy
  '--disable-quic',
  '--dns-prefetch-disable',
  '--force-webrtc-ip-handling-policy=disable_non_proxied_udp',
  '--webrtc-ip-handling-policy=disable_non_proxied_udp',
  // no requests and no pages of its own
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-client-side-phishing-detection',
  '--disable-default-apps',
  '--disable-domain-reliability',
  '--disable-extensions',
  '--disable-sync',
  '--disable-field-trial-config',
  '--disable-features=AutofillServerCommunication,CertificateTransparencyComponentUpdater,DialMediaRouteProvider,HttpsUpgrades,HttpsFirstBalancedModeAutoEnable,InterestFeedContentSuggestions,MediaRouter,NetworkTimeServiceQuerying,OptimizationHints,Translate,WebUIOmniboxAimPopup,WebUIOmniboxPopup',
  '--metrics-recording-only',
  '--no-first-run',
  '--no-default-browser-check',
  '--no-pings',
  // nothing of the desktop
  '--disable-breakpad',
  '--disable-crash-reporter',
  '--disable-dev-shm-usage',
  '--disable-gpu',
  '--disable-notifications',
  '--disable-print-preview',
  '--disable-popup-blocking',
  '--force-color-profile=srgb',
  '--hide-scrollbars',
  '--mute-audio',
  '--password-store=basic',
  '--use-mock-keychain',
]
