"""What ``alarm-gateway doctor`` is made of: what was observed, and one small judgement each."""
