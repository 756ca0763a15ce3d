from keras import Input, Model
from keras.layers import BatchNormalization, Conv2D, Dense, Dropout, Flatten, MaxPooling2D
from keras.optimizers import SGD, Adam


# Build a convolutional neural network with the functional API
def build_CNN(input_shape, loss,
              n_conv_layers=2, n_filters=16, n_dense_layers=0, n_nodes=50,
              use_dropout=False, learning_rate=0.01, act_fun='relu', optimizer='adam',
              print_summary=False):
    """
    Builds a Convolutional Neural Network (CNN) model.

    input_shape (tuple): Shape of the input data (h, w, c).
    n_conv_layers (int): Number of convolutional layers.
    n_filters (int): Filters in the first convolutional layer, doubled for each following one.
    n_dense_layers (int): Number of dense layers before the output layer.
    n_nodes (int): Nodes in each of them.
    use_dropout (bool): Dropout (0.5) after each dense layer.
    """
    inputs = Input(shape=input_shape)
    x = inputs

    for layer in range(n_conv_layers):
        x = Conv2D(n_filters * 2 ** layer, (3, 3), padding='same', activation=act_fun)(x)
        x = BatchNormalization()(x)
        x = MaxPooling2D((2, 2))(x)

    x = Flatten()(x)

    for _ in range(n_dense_layers):
        x = Dense(n_nodes, activation=act_fun)(x)
        x = BatchNormalization()(x)
        if use_dropout:
            x = Dropout(0.5)(x)

    outputs = Dense(10, activation='softmax')(x)

    model = Model(inputs, outputs)
    opt = SGD(learning_rate) if optimizer == 'sgd' else Adam(learning_rate)
    model.compile(loss=loss, optimizer=opt, metrics=['accuracy'])

    if print_summary:
        model.summary()
    return model
