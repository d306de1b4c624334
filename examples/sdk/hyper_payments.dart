// NOT RUN. Flutter: hypersdkflutter. The payloads come from your server.
import 'dart:convert';

import 'package:flutter/material.dart';
import 'package:flutter/services.dart';
import 'package:hypersdkflutter/hypersdkflutter.dart';

import 'shop.dart';

class Checkout extends StatefulWidget {
  const Checkout({super.key});

  @override
  State<Checkout> createState() => _CheckoutState();
}

class _CheckoutState extends State<Checkout> {
  final hyper = HyperSDK();

  @override
  void initState() {
    super.initState();
    initiate();
  }

  Future<void> initiate() async => hyper.initiate(await Shop.initiatePayload(), handle);

  Future<void> pay() async => hyper.process(await Shop.processPayload(), handle);

  void handle(MethodCall call) {
    if (call.method != 'process_result') return;
    final event = jsonDecode(call.arguments as String) as Map<String, dynamic>;
    // A hint. backpressed: nothing was started; everything else is for the server to say.
    if (event['payload']?['status'] == 'backpressed') {
      Shop.stay();
    } else {
      Shop.askServerForOrder();
    }
  }

  @override
  void dispose() {
    hyper.terminate();
    super.dispose();
  }

  @override
  Widget build(BuildContext context) => ElevatedButton(onPressed: pay, child: const Text('Pay'));
}
