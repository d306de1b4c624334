// React Native: hyper-sdk-react. NOT RUN: it needs the vendor's SDK and a device. The payloads come from your server.
import HyperSdkReact from 'hyper-sdk-react'
import { useEffect } from 'react'
import { BackHandler, Button, NativeEventEmitter, NativeModules } from 'react-native'

type Server = {
  initiatePayload(): Promise<object>
  processPayload(): Promise<object>
  /** Asks your server, which asks Purser. */
  askForOrder(): Promise<void>
}

export function Checkout({ server, stay }: { server: Server; stay: () => void }) {
  useEffect(() => {
    HyperSdkReact.createHyperServices()
    void server.initiatePayload().then((payload) => HyperSdkReact.initiate(JSON.stringify(payload)))
    const events = new NativeEventEmitter(NativeModules['HyperSdkReact']).addListener('HyperEvent', (text: string) => {
      const { event, payload } = JSON.parse(text) as { event: string; payload?: { status?: string } }
      if (event !== 'process_result') return
      // A hint. backpressed: nothing was started; everything else is for the server to say.
      if (payload?.status === 'backpressed') stay()
      else void server.askForOrder()
    })
    const back = BackHandler.addEventListener(
      'hardwareBackPress',
      () => !HyperSdkReact.isNull() && HyperSdkReact.onBackPressed(),
    )
    return () => {
      events.remove()
      back.remove()
      HyperSdkReact.terminate()
    }
  }, [server, stay])
  const pay = async () => HyperSdkReact.process(JSON.stringify(await server.processPayload()))
  return <Button title="Pay" onPress={() => void pay()} />
}
