// The payment page in an app: a web view and the bridge. NOT RUN: it needs react-native-webview and a device.
import { useEffect, useRef } from 'react'
import { BackHandler, Linking } from 'react-native'
import { WebView } from 'react-native-webview'

type PurserEvent = {
  readonly event: string
  readonly error: boolean
  readonly errorCode: string
  readonly payload: { readonly status?: string }
}

/** `url` is the session's, from your server. Whatever `onEvent` says, ask your server afterwards. */
export function PurserPage({ url, onEvent }: { url: string; onEvent: (event: PurserEvent) => void }) {
  const view = useRef<WebView>(null)
  const { origin } = new URL(url)
  useEffect(() => {
    const back = BackHandler.addEventListener('hardwareBackPress', () => {
      view.current?.injectJavaScript("window.postMessage('purser:back', location.origin); true")
      return true
    })
    return () => back.remove()
  }, [])
  return (
    <WebView
      ref={view}
      source={{ uri: url }}
      // The payer's bank is a page of its own; a UPI link is for another app.
      onShouldStartLoadWithRequest={({ url: next }) => {
        if (/^https?:/.test(next)) return true
        if (next.startsWith('upi:')) void Linking.openURL(next)
        return false
      }}
      onMessage={({ nativeEvent }) => {
        // A bank's page could speak as well: only Purser's is listened to.
        if (new URL(nativeEvent.url).origin === origin) onEvent(JSON.parse(nativeEvent.data) as PurserEvent)
      }}
    />
  )
}
