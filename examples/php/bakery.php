<?php
// The cupcake bakery's form: whose cupcakes are ready, and whom to tell if that phone is off.
//   php -S 127.0.0.1:8000 bakery.php          with API and AUTH in the environment

function send(string $first, string $second): string
{
    $sms = ['channel' => 'sms', 'message_type' => 'text', 'from' => 'Bakery', 'text' => 'Your cupcakes are ready!'];
    $message = ['to' => $first] + $sms;
    if ($second !== '') {
        $message += ['expiry_time' => 15, 'failover' => [['to' => $second] + $sms]];
    }
    $answer = file_get_contents(getenv('API') . '/v1/messages', false, stream_context_create(['http' => [
        'method' => 'POST',
        'header' => [
            'content-type: application/json',
            'authorization: Basic ' . base64_encode(getenv('AUTH')),
            // The form's own key: pressing the button twice sends one message.
            'idempotency-key: ' . $_POST['key'],
        ],
        'content' => json_encode($message),
        'ignore_errors' => true, // also an error has a body that says why
    ]]));
    $found = json_decode((string) $answer, true);
    return $found['workflow_id'] ?? ('Not sent: ' . ($found['detail'] ?? 'no answer'));
}

$said = isset($_POST['first'], $_POST['second'], $_POST['key']) ? send($_POST['first'], $_POST['second']) : null;
?>
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Cupcakes</title>
<h1>Cupcakes are ready</h1>
<?php if ($said !== null): ?>
<p role="status"><?= htmlspecialchars($said) ?></p>
<?php endif ?>
<form method="post">
  <p><label>Phone <input name="first" type="tel" required></label>
  <p><label>If it is off <input name="second" type="tel"></label>
  <input name="key" type="hidden" value="<?= bin2hex(random_bytes(16)) ?>">
  <p><button>Tell the customer</button>
</form>
</html>
